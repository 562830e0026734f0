# Forwards to the tasks in xtask/.
.PHONY: build demo test verify
build demo test verify:
	cargo xtask $@

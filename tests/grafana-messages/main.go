// Command grafana-messages prints what Grafana posts to the provisioned contact points about one alert of a provisioned
// rule, a line each. Grafana's own library of notifiers and templates makes the messages; a rule's annotations are
// expanded by the template engine that Grafana expands them with.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"text/template"
	"time"

	"github.com/grafana/alerting/images"
	"github.com/grafana/alerting/logging"
	"github.com/grafana/alerting/receivers"
	"github.com/grafana/alerting/receivers/webhook"
	"github.com/grafana/alerting/templates"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/types"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// provisioned is what of a file in Grafana's provisioning/alerting messages are made of.
type provisioned struct {
	Groups []struct {
		Folder string
		Rules  []rule
	}
	ContactPoints []struct {
		Name      string
		Receivers []struct {
			UID, Type string
			Settings  map[string]any
		}
	} `yaml:"contactPoints"`
	Templates []struct{ Name, Template string }
}

type rule struct {
	UID, Title          string
	Labels, Annotations map[string]string
}

// printer takes a message to the standard output instead of over the network.
type printer struct{}

func (printer) SendWebhook(_ context.Context, message *receivers.SendWebhookSettings) error {
	_, err := fmt.Println(message.Body)
	return err
}

// asWritten stands where secrets are decrypted; the file has none.
func asWritten(_, fallback string) string { return fallback }

// alert is one of a rule, as Grafana hands it to its Alertmanager.
func (r rule) alert(folder, grafana string, labels map[string]string, starts, ends time.Time) (*types.Alert, error) {
	alert := types.Alert{UpdatedAt: starts}
	alert.Labels = model.LabelSet{"alertname": model.LabelValue(r.Title), "grafana_folder": model.LabelValue(folder),
		"__alert_rule_uid__": model.LabelValue(r.UID)}
	for _, more := range []map[string]string{labels, r.Labels} {
		for name, value := range more {
			alert.Labels[model.LabelName(name)] = model.LabelValue(value)
		}
	}
	functions := template.FuncMap{"externalURL": func() string { return grafana }}
	alert.Annotations = model.LabelSet{"__orgId__": "1"}
	for name, text := range r.Annotations {
		parsed, err := template.New(name).Funcs(functions).Option("missingkey=zero").Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", name, r.Title, err)
		}
		var expanded strings.Builder
		if err := parsed.Execute(&expanded, struct{ Labels map[string]string }{labels}); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", name, r.Title, err)
		}
		alert.Annotations[model.LabelName(name)] = model.LabelValue(expanded.String())
	}
	alert.StartsAt, alert.EndsAt = starts, ends
	alert.GeneratorURL = grafana + "alerting/grafana/" + r.UID + "/view"
	return &alert, nil
}

func (file provisioned) send(grafana string, alert *types.Alert) error {
	var definitions []string
	for _, template := range file.Templates {
		definitions = append(definitions, template.Template)
	}
	messages, err := templates.FromContent(definitions)
	if err != nil {
		return fmt.Errorf("templates: %w", err)
	}
	if messages.ExternalURL, err = url.Parse(grafana); err != nil {
		return err
	}
	sent := 0
	for _, point := range file.ContactPoints {
		ctx := notify.WithReceiverName(context.Background(), point.Name)
		ctx = notify.WithGroupLabels(notify.WithGroupKey(ctx, "group"), alert.Labels)
		for _, receiver := range point.Receivers {
			if receiver.Type != "webhook" {
				return fmt.Errorf("a receiver of type %s, which is not known here", receiver.Type)
			}
			settings, err := json.Marshal(receiver.Settings)
			if err != nil {
				return err
			}
			config, err := webhook.NewConfig(settings, asWritten)
			if err != nil {
				return err
			}
			meta := receivers.Metadata{UID: receiver.UID, Name: point.Name, Type: receiver.Type}
			notifier := webhook.New(config, meta, messages, printer{}, &images.UnavailableProvider{}, logging.FakeLogger{}, 1)
			if _, err := notifier.Notify(ctx, alert); err != nil {
				return err
			}
			sent++
		}
	}
	if sent == 0 {
		return errors.New("nothing is sent: no contact point")
	}
	return nil
}

func run(provisioning, grafana, title, labels, starts, ends string) error {
	text, err := os.ReadFile(provisioning)
	if err != nil {
		return err
	}
	var file provisioned
	if err := yaml.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("%s: %w", provisioning, err)
	}
	var own map[string]string
	if err := json.Unmarshal([]byte(labels), &own); err != nil {
		return fmt.Errorf("-labels: %w", err)
	}
	began, err := time.Parse(time.RFC3339, starts)
	if err != nil {
		return err
	}
	over := time.Time{}
	if ends != "" {
		if over, err = time.Parse(time.RFC3339, ends); err != nil {
			return err
		}
	}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if rule.Title == title {
				alert, err := rule.alert(group.Folder, grafana, own, began, over)
				if err != nil {
					return err
				}
				return file.send(grafana, alert)
			}
		}
	}
	return fmt.Errorf("%s has no rule %s", provisioning, title)
}

func main() {
	provisioning := flag.String("provisioning", "", "a file of Grafana's provisioning/alerting")
	grafana := flag.String("grafana", "http://localhost:3000/", "Grafana's address, with a slash at its end")
	title := flag.String("rule", "", "title of the rule")
	labels := flag.String("labels", "{}", "labels of its query's answer, as JSON")
	starts := flag.String("starts", "", "when the alert began, RFC 3339")
	ends := flag.String("ends", "", "when it was over; empty while it fires")
	flag.Parse()
	if err := run(*provisioning, *grafana, *title, *labels, *starts, *ends); err != nil {
		fmt.Fprintln(os.Stderr, "grafana-messages:", err)
		os.Exit(1)
	}
}

/// What stands for a label's value in the compiled-in runbooks. A mark needs no quotes in any shell, so a value that needs
/// none either can take its place wherever it stands.
const MARKS: &[(&str, &str)] = &[
    ("namespace", "leaklens-mark-namespace"),
    ("pod", "leaklens-mark-pod"),
    ("container", "leaklens-mark-container"),
    ("workload", "leaklens-mark-workload"),
    ("instance", "leaklens-mark-instance"),
    ("job", "leaklens-mark-job"),
];

//! Short names for long texts: 64-bit FNV-1a, in hexadecimal.

use crate::labels::Labels;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;
/// Ends each text, so that `ab`, `c` is not `a`, `bc`. No UTF-8 has this byte.
const END: u8 = 0xff;

/// The fingerprint by which Alertmanager knows an alert: that of its labels, `alertname` among them.
pub fn of_alert(name: &str, labels: &Labels) -> String {
    let mut all = labels.clone();
    all.set("alertname", name);
    of_texts(all.iter().flat_map(|(name, value)| [name, value]))
}

/// The fingerprint of texts in their order.
pub fn of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let bytes = texts.into_iter().flat_map(|text| text.bytes().chain([END]));
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alertmanager_calls_it_the_same() {
        // As Alertmanager 0.25 sent it.
        let labels = [
            ("app", "coupons"),
            ("container", "web"),
            ("instance", "10.42.1.59:8000"),
            ("job", "django"),
            ("namespace", "search"),
            ("pod", "coupons-xfv4dsrzv-k5nnc"),
            ("severity", "warning"),
        ];
        let labels = labels.into_iter().collect();
        assert_eq!(of_alert("MemoryLeakEventsDetected", &labels), "7a4b81115fd9c5db");
    }

    #[test]
    fn where_a_text_ends_counts() {
        assert_ne!(of_texts(["ab", "c"]), of_texts(["a", "bc"]));
        assert_eq!(of_texts([]), "cbf29ce484222325");
    }
}

//! Grafana's JSON form of a frame, as [`Frame::from_grafana`] reads it.

use serde_json::{Value, json};

use super::frame::{Column, Frame, Values};

impl Frame {
    /// The JSON form, with cells of numbers and times in `numbers` and their places there in the JSON; a null is NaN.
    ///
    /// Labels and whether cells may be null are left out: whoever reads this knows the contract.
    pub fn to_grafana(&self, numbers: &mut Vec<Vec<f64>>) -> Value {
        let fields: Vec<Value> = self.columns.iter().map(field).collect();
        let mut beside = |cells: Vec<f64>| {
            numbers.push(cells);
            json!(numbers.len() - 1)
        };
        let cells = |column: &Column| match &column.values {
            Values::Text(cells) => json!(cells),
            Values::Number(cells) => beside(cells.iter().map(|cell| cell.unwrap_or(f64::NAN)).collect()),
            Values::Time(cells) => {
                beside(cells.iter().map(|cell| cell.map_or(f64::NAN, |ms| ms as f64)).collect())
            }
        };
        let values: Vec<Value> = self.columns.iter().map(cells).collect();
        json!({
            "schema": { "name": self.name, "fields": fields, "meta": { "notices": self.notices } },
            "data": { "values": values },
        })
    }
}

fn field(column: &Column) -> Value {
    json!({ "name": column.name, "type": column.values.kind(), "config": { "unit": column.unit } })
}

#[cfg(test)]
mod tests {
    use super::super::{HistoryEvent, Millis, SuspectRow, Table};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let row = SuspectRow {
            id: "a \"quoted\" one".to_owned(),
            limit_bytes: Some(5e8),
            onset: Some(Millis(1_764_000_000_123)),
            ..SuspectRow::default()
        };
        let rows = vec![row, SuspectRow::default()];
        let mut numbers = Vec::new();
        let json = SuspectRow::to_frame(rows.clone()).to_grafana(&mut numbers);
        let other = HistoryEvent::to_frame(Vec::new()).to_grafana(&mut numbers);
        let mut cells = |place: usize| numbers.get(place).cloned();
        let frame = Frame::from_grafana(&json, &mut cells).expect("a frame");
        assert_eq!(SuspectRow::from_frame(&frame), Ok(rows));
        let frame = Frame::from_grafana(&other, &mut cells).expect("a frame");
        assert_eq!(HistoryEvent::from_frame(&frame), Ok(Vec::new()));
    }
}

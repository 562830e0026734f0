//! Samples of one chunk as Prometheus keeps them: times by the change of their distances, values by the bits that differ
//! from the value before. The format is that of `tsdb/chunkenc`.

/// Widths of a change of distance, by how many ones come before the zero.
const WIDTHS: [u32; 4] = [0, 14, 17, 20];
/// Bits of a value or of a change of distance that is written out.
const WHOLE: u32 = 64;
/// Most bytes of a number that is written in sevens of bits.
const VARINT_BYTES: u32 = 10;

/// Hands over each sample, its time in milliseconds, until one is not taken; `None` where the chunk ends too early or
/// cannot be one. O(bytes), and no memory of its own.
pub(super) fn samples(chunk: &[u8], mut take: impl FnMut(i64, f64) -> bool) -> Option<()> {
    let (count, rest) = chunk.split_first_chunk::<2>()?;
    let mut bits = Bits { rest, loaded: 0, valid: 0 };
    let (mut time_ms, mut distance_ms) = (0_i64, 0_i64);
    let mut value = Value::default();
    for number in 0..u16::from_be_bytes(*count) {
        match number {
            0 => {
                let zigzag = bits.varint()?;
                time_ms = (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed();
                value.bits = bits.take(WHOLE)?;
            }
            1 => {
                distance_ms = bits.varint()?.cast_signed();
                time_ms = time_ms.wrapping_add(distance_ms);
                value.change(&mut bits)?;
            }
            _ => {
                distance_ms = distance_ms.wrapping_add(bits.change_of_distance()?);
                time_ms = time_ms.wrapping_add(distance_ms);
                value.change(&mut bits)?;
            }
        }
        if !take(time_ms, f64::from_bits(value.bits)) {
            break;
        }
    }
    Some(())
}

/// A value, and which of its bits the change before had.
#[derive(Debug, Default)]
struct Value {
    bits: u64,
    leading: u32,
    /// Zero until a change has said it.
    width: u32,
}

impl Value {
    fn change(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        if bits.take(1)? == 0 {
            return Some(());
        }
        if bits.take(1)? == 1 {
            self.leading = bits.take(5)? as u32;
            // Six bits cannot hold 64, and no change is written with none.
            self.width = match bits.take(6)? as u32 {
                0 => WHOLE,
                width => width,
            };
        }
        let trailing = WHOLE.checked_sub(self.leading + self.width).filter(|_| self.width > 0)?;
        self.bits ^= bits.take(self.width)? << trailing;
        Some(())
    }
}

/// Reads bits, the highest of each byte first.
struct Bits<'a> {
    rest: &'a [u8],
    /// The next bits, from the highest on.
    loaded: u64,
    /// How many they are.
    valid: u32,
}

impl Bits<'_> {
    /// The next 1 to 64 bits.
    fn take(&mut self, count: u32) -> Option<u64> {
        if count <= self.valid {
            return Some(self.shift_out(count));
        }
        let missing = count - self.valid;
        let high = if self.valid == 0 { 0 } else { self.shift_out(self.valid) };
        self.load();
        if missing > self.valid {
            return None;
        }
        Some(high.checked_shl(missing).unwrap_or(0) | self.shift_out(missing))
    }

    fn shift_out(&mut self, count: u32) -> u64 {
        let bits = self.loaded >> (WHOLE - count);
        self.loaded = self.loaded.checked_shl(count).unwrap_or(0);
        self.valid -= count;
        bits
    }

    /// Up to eight bytes.
    fn load(&mut self) {
        if let Some((next, rest)) = self.rest.split_first_chunk::<8>() {
            (self.loaded, self.valid, self.rest) = (u64::from_be_bytes(*next), WHOLE, rest);
            return;
        }
        let mut next = [0; 8];
        next[..self.rest.len()].copy_from_slice(self.rest);
        (self.loaded, self.valid) = (u64::from_be_bytes(next), 8 * self.rest.len() as u32);
        self.rest = &[];
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for place in 0..VARINT_BYTES {
            let byte = self.take(8)?;
            number |= (byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn change_of_distance(&mut self) -> Option<i64> {
        let mut ones = 0;
        while ones < WIDTHS.len() && self.take(1)? == 1 {
            ones += 1;
        }
        let Some(width) = WIDTHS.get(ones).copied() else { return Some(self.take(WHOLE)?.cast_signed()) };
        if width == 0 {
            return Some(0);
        }
        let bits = self.take(width)?.cast_signed();
        // The upper half of what the width holds stands for what is below zero.
        Some(if bits > 1 << (width - 1) { bits - (1 << width) } else { bits })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes a chunk, bit by bit, as `chunkenc`'s appender does: what the reader is held against.
    #[derive(Default)]
    pub(in crate::prometheus::remote_read) struct Writer {
        bits: Vec<bool>,
        written: u16,
        time_ms: i64,
        distance_ms: i64,
        value: u64,
        leading: u32,
        trailing: u32,
        has_width: bool,
    }

    impl Writer {
        fn push(&mut self, bits: u64, count: u32) {
            self.bits.extend((0..count).rev().map(|place| bits >> place & 1 == 1));
        }

        fn varint(&mut self, mut number: u64) {
            while number >= 0x80 {
                self.push(number & 0x7f | 0x80, 8);
                number >>= 7;
            }
            self.push(number, 8);
        }

        fn sample(&mut self, time_ms: i64, value: f64) {
            let distance_ms = time_ms.wrapping_sub(self.time_ms);
            match self.written {
                0 => {
                    self.varint(((time_ms << 1) ^ (time_ms >> 63)) as u64);
                    self.push(value.to_bits(), 64);
                }
                1 => {
                    self.varint(distance_ms as u64);
                    self.changed(value.to_bits());
                }
                _ => {
                    let change = distance_ms.wrapping_sub(self.distance_ms);
                    let fits = |width: u32| (-(1 << (width - 1)) + 1..=1 << (width - 1)).contains(&change);
                    let (prefix, prefix_width, width) = match change {
                        0 => (0, 1, 0),
                        _ if fits(14) => (0b10, 2, 14),
                        _ if fits(17) => (0b110, 3, 17),
                        _ if fits(20) => (0b1110, 4, 20),
                        _ => (0b1111, 4, 64),
                    };
                    self.push(prefix, prefix_width);
                    self.push(change as u64, width);
                    self.changed(value.to_bits());
                }
            }
            self.distance_ms = if self.written == 0 { 0 } else { distance_ms };
            (self.time_ms, self.value) = (time_ms, value.to_bits());
            self.written += 1;
        }

        fn changed(&mut self, value: u64) {
            let differs = value ^ self.value;
            self.push(u64::from(differs != 0), 1);
            if differs == 0 {
                return;
            }
            let (leading, trailing) = (differs.leading_zeros().min(31), differs.trailing_zeros());
            if self.has_width && leading >= self.leading && trailing >= self.trailing {
                self.push(0, 1);
            } else {
                (self.leading, self.trailing, self.has_width) = (leading, trailing, true);
                self.push(1, 1);
                self.push(u64::from(leading), 5);
                self.push(u64::from((64 - leading - trailing) % 64), 6);
            }
            self.push(differs >> self.trailing, 64 - self.leading - self.trailing);
        }
    }

    /// A chunk of these samples.
    pub(in crate::prometheus::remote_read) fn chunk(samples: &[(i64, f64)]) -> Vec<u8> {
        let mut writer = Writer::default();
        for (time_ms, value) in samples {
            writer.sample(*time_ms, *value);
        }
        let byte = |bits: &[bool]| {
            bits.iter().enumerate().fold(0, |byte, (place, bit)| byte | u8::from(*bit) << (7 - place))
        };
        writer.written.to_be_bytes().into_iter().chain(writer.bits.chunks(8).map(byte)).collect()
    }

    fn read(chunk: &[u8]) -> Option<Vec<(i64, u64)>> {
        let mut read = Vec::new();
        samples(chunk, |time_ms, value| {
            read.push((time_ms, value.to_bits()));
            true
        })?;
        Some(read)
    }

    #[test]
    fn a_chunk_by_hand() {
        // Two samples: 1000 ms as zigzag 2000, 1.0 in full, 500 ms later the same value.
        let chunk = [0, 2, 0xd0, 0x0f, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xf4, 0x03, 0];
        assert_eq!(read(&chunk).unwrap(), [(1000, 1.0_f64.to_bits()), (1500, 1.0_f64.to_bits())]);
        assert_eq!(self::chunk(&[(1000, 1.0), (1500, 1.0)]), chunk);
    }

    #[test]
    fn whoever_has_enough_gets_no_more() {
        let chunk = chunk(&[(1, 1.0), (2, 2.0), (3, 3.0)]);
        let mut taken = 0;
        samples(&chunk, |_, _| {
            taken += 1;
            taken < 2
        });
        assert_eq!(taken, 2);
    }

    fn values() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>(),
            any::<u64>().prop_map(f64::from_bits),
            (0_u32..1000).prop_map(|pages| f64::from(pages) * 4096.0),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            start: i64,
            samples in prop::collection::vec((prop_oneof![Just(15_000_i64), -9000_i64..70_000, any::<i64>()], values()), 0..200),
        ) {
            let mut time_ms = start;
            let samples: Vec<(i64, f64)> = samples.into_iter().map(|(distance, value)| {
                time_ms = time_ms.wrapping_add(distance);
                (time_ms, value)
            }).collect();
            let read = read(&chunk(&samples)).unwrap();
            let bits: Vec<_> = samples.iter().map(|(time_ms, value)| (*time_ms, value.to_bits())).collect();
            prop_assert_eq!(read, bits);
        }

        #[test]
        fn a_chunk_that_ends_too_early_is_none(samples in prop::collection::vec((0_i64..100_000, values()), 1..40), at: prop::sample::Index) {
            let mut chunk = chunk(&samples);
            chunk.truncate(at.index(chunk.len()));
            prop_assert!(read(&chunk).is_none());
        }

        #[test]
        fn any_bytes_are_samples_or_none(bytes: Vec<u8>) {
            let most = bytes.len() * 4;
            prop_assert!(read(&bytes).is_none_or(|read| read.len() <= most));
        }
    }
}

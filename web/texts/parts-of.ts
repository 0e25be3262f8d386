/**
 * Splits a text at its placeholders and puts the values in.
 * @throws {Error} for a placeholder without a value.
 */
export const partsOf = <Value>(text: string, values: Readonly<Record<string, Value>>): readonly (string | Value)[] =>
  // `split` returns the captured names at odd places.
  text.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return part
    const value = values[part]
    if (value === undefined) throw new Error(`the text '${text}' needs a value for {${part}}`)
    return value
  })

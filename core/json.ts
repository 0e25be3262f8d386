/** The value of a text in JSON; undefined for any other text, and no message that could quote it. */
export const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

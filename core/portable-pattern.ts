/** Writes the pattern of a JSON Schema without `\p`, which Python's regular expressions lack. */
export const writePortablePattern = (jsonSchema: { pattern?: string | undefined }): void => {
  if (jsonSchema.pattern !== undefined)
    jsonSchema.pattern = jsonSchema.pattern.replaceAll(String.raw`\p{Cc}`, String.raw`\x00-\x1f\x7f-\x9f`)
}

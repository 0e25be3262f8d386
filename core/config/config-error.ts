/** Something that whoever edits sitewright.config.ts can put right. Its message says how; a stack trace would only hide it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

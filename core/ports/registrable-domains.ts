/** What the Public Suffix List says of a hostname. */
export interface RegistrableDomains {
  /**
   * The domain that somebody registered: `example.co.uk` of `a.example.co.uk`. Undefined of a public suffix itself, such as
   * `co.uk` or `github.io`.
   */
  readonly of: (hostname: string) => Promise<string | undefined>
}

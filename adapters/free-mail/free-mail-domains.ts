import domains from 'email-providers/all.json' with { type: 'json' }

/** Some thousands of domains at which anybody gets an address, in lower case. */
export const freeMailDomains: ReadonlySet<string> = new Set(domains)

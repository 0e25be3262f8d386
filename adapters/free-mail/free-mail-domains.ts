import domains from 'email-providers/all.json' with { type: 'json' }

/** The list names them, but anybody registers domains under them. `isMailAtOneOf` itself leaves out suffixes such as `com.ar`. */
const registrySuffixes: ReadonlySet<string> = new Set(['msk.ru', 'pp.ua', 'spb.ru', 'web.id', 'za.com', 'zp.ua'])

/** Some thousands of domains at which anybody gets an address, in lower case. */
export const freeMailDomains: ReadonlySet<string> = new Set(domains.filter((domain) => !registrySuffixes.has(domain)))

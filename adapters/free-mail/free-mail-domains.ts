import domains from 'email-providers/all.json' with { type: 'json' }

/** The list names them, but anybody registers domains under them: a company there would count as a user of free mail. */
const registrySuffixes: ReadonlySet<string> = new Set([
  ...['com.ar', 'msk.ru', 'net.ua', 'nom.za', 'org.ua', 'pp.ua', 'spb.ru', 'web.id', 'za.com', 'zp.ua'],
])

/** Some thousands of domains at which anybody gets an address, in lower case. */
export const freeMailDomains: ReadonlySet<string> = new Set(domains.filter((domain) => !registrySuffixes.has(domain)))

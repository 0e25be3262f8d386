import { disposableEmailBlocklistSet } from 'disposable-email-domains-js'

/** Some thousands of domains, in lower case. Read when asked for: it is needed only where such addresses are refused. */
export const knownDisposableDomains = (): ReadonlySet<string> => disposableEmailBlocklistSet()

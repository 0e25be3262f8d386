/** What functions have around them besides Lambda; `.ci/ministack` loads it into each. */
import dns from 'node:dns'
import { readFileSync } from 'node:fs'

// Names of sites lead to where the tests play DNS.
const { lookup } = dns
dns.lookup = (hostname, ...more) => lookup(hostname.endsWith('.example.net') ? '127.0.0.1' : hostname, ...more)

// The tests turn the clock. Only what asks for the present instant sees it: timers and signatures keep the machine's time.
const file = process.env['SITEWRIGHT_MINISTACK_CLOCK']
const aheadNow = () => {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}
const construct = (OwnDate, given) =>
  Reflect.construct(OwnDate, given.length > 0 ? given : [OwnDate.now() + aheadNow()])
globalThis.Date = new Proxy(Date, { construct })

// MiniStack leads what the SDK asks AWS to itself, but not what is asked without it, such as the keys of the operators' pool.
const { fetch } = globalThis
globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  if (!url.hostname.endsWith('.amazonaws.com')) return fetch(input, init)
  return fetch(new URL(url.pathname + url.search, process.env['AWS_ENDPOINT_URL']), init)
}

import { describe, expect, it } from 'vitest'
import { isTrustedProxy } from '../../local/gateway/http-event.ts'
import { StartUpError } from '../../local/home/start-up-error.ts'
import { readSettings, usualRouters } from '../../local/settings.ts'

const publicHost = { SITEWRIGHT_SITES_DOMAIN: 'sites.example', SITEWRIGHT_CONSOLE_URL: 'https://console.example' }

const refusal = (environment: NodeJS.ProcessEnv): string => {
  try {
    readSettings(environment)
  } catch (error) {
    if (error instanceof StartUpError) return error.message
    throw error
  }
  throw new Error('these settings were taken')
}

describe('settings', () => {
  it('are those of one machine where nothing is set', () => {
    const { siteUrl, ...settings } = readSettings({})
    expect(settings).toMatchObject({
      port: 4000,
      listen: '127.0.0.1',
      runtime: 'auto',
      poolSize: undefined,
      diskReserveMiB: undefined,
      sitesDomain: 'localhost',
      consoleUrl: 'http://localhost:4000',
      isPublic: false,
      proxies: [],
      blueprints: undefined,
      logLevel: 'info',
      smtp: undefined,
    })
    expect(siteUrl('ada.localhost')).toBe('http://ada.localhost:4000')
  })

  it('that are empty count as not set', () => {
    const empty = { PORT: '', SITEWRIGHT_POOL_SIZE: '', SITEWRIGHT_CONSOLE_URL: '', SMTP_URL: '' }
    expect({ ...readSettings(empty), siteUrl: undefined }).toEqual({ ...readSettings({}), siteUrl: undefined })
  })

  it('may name proxies', () => {
    expect(readSettings({ SITEWRIGHT_PROXIES: '10.0.0.1, 2001:db8::1' }).proxies).toEqual(['10.0.0.1', '2001:db8::1'])
  })

  it.each([
    ['2001:DB8:0:0::5', '2001:db8::5'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['FE80:0::1%eth0', 'fe80::1%eth0'],
  ])('compares the proxy %s with the addresses of connections', (given, peer) => {
    const { proxies } = readSettings({ SITEWRIGHT_PROXIES: given })
    expect(isTrustedProxy(peer, proxies)).toBe(true)
  })

  it('may ask for an empty pool', () => {
    expect(readSettings({ SITEWRIGHT_POOL_SIZE: '0' }).poolSize).toBe(0)
  })

  it.each([
    ['PORT', 'http'],
    ['PORT', '0'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['SITEWRIGHT_RUNTIME', 'docker'],
    ['SITEWRIGHT_POOL_SIZE', '-1'],
    ['SITEWRIGHT_POOL_SIZE', 'many'],
    ['SITEWRIGHT_DISK_RESERVE_MIB', '-1'],
    ['SITEWRIGHT_DISK_RESERVE_MIB', '5%'],
    ['SITEWRIGHT_SITES_DOMAIN', 'https://sites.example'],
    ['SITEWRIGHT_SITES_DOMAIN', '.example'],
    ['SITEWRIGHT_SITES_DOMAIN', 'Sites.example'],
    ['SITEWRIGHT_CONSOLE_URL', 'console.example'],
    ['SITEWRIGHT_CONSOLE_URL', 'ftp://console.example'],
    ['SITEWRIGHT_PROXIES', 'proxy.example'],
    ['SITEWRIGHT_PROXIES', '10.0.0.1,'],
    ['SITEWRIGHT_LOG', 'loud'],
    ['SMTP_URL', 'mail.example'],
    ['MAIL_FROM', 'nobody'],
    ['STRIPE_SECRET_KEY', 'pk_test_1'],
    ['STRIPE_WEBHOOK_SECRET', 'secret'],
    ['STRIPE_WEBHOOK_SECRET', 'whsec_1,'],
    ['STRIPE_WEBHOOK_SECRET', ','],
    ['STRIPE_API_BASE', 'ftp://stripe.example'],
    ['STRIPE_TAX', 'some'],
  ])('%s=%s is refused by its name', (name, value) => {
    expect(refusal({ [name]: value })).toMatch(new RegExp(`^these settings are not valid: ${name} \\w`))
  })

  it('that are wrong are all named at once', () => {
    const message = refusal({ PORT: 'x', SITEWRIGHT_LOG: 'x', MAIL_FROM: 'x' })
    for (const name of ['PORT', 'SITEWRIGHT_LOG', 'MAIL_FROM']) expect(message).toContain(name)
  })

  it('that are wrong are not repeated: they may be secret', () => {
    const message = refusal({ SMTP_URL: 'http://ada:hunter2@mail.example', MAIL_FROM: 'hunter3', PORT: 'hunter4' })
    expect(message).not.toContain('hunter')
    expect(message).not.toContain('mail.example')
  })
})

describe('mail', () => {
  it('comes from the console unless told otherwise', () => {
    const smtp = { SMTP_URL: 'smtps://mail.example' }
    expect(readSettings({ ...publicHost, ...smtp }).smtp).toEqual({
      url: 'smtps://mail.example',
      from: 'no-reply@console.example',
    })
    for (const from of ['hello@example.com', 'Acme <hello@example.com>'])
      expect(readSettings({ ...smtp, MAIL_FROM: from }).smtp?.from).toBe(from)
  })
})

describe('Stripe', () => {
  const test = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1, whsec_2' }

  it('is reached with a key, and believed by any of the secrets', () => {
    expect(readSettings({}).stripe).toBeUndefined()
    expect(readSettings({ ...test, STRIPE_API_BASE: 'http://127.0.0.1:12111' }).stripe).toEqual({
      secretKey: 'sk_test_1',
      webhookSecrets: ['whsec_1', 'whsec_2'],
      apiBase: 'http://127.0.0.1:12111',
      tax: 'none',
    })
    expect(readSettings({ ...test, STRIPE_TAX: 'automatic' }).stripe?.tax).toBe('automatic')
  })

  it.each(['', undefined])('is not reached without a secret of the webhook (%s)', (secret) => {
    expect(refusal({ ...test, STRIPE_WEBHOOK_SECRET: secret })).toContain('STRIPE_WEBHOOK_SECRET')
  })

  it('needs a key where anything else of it is set', () => {
    expect(refusal({ STRIPE_WEBHOOK_SECRET: 'whsec_1' })).toContain('STRIPE_SECRET_KEY')
    expect(refusal({ STRIPE_API_BASE: 'http://127.0.0.1:12111' })).toContain('STRIPE_SECRET_KEY')
    expect(refusal({ STRIPE_TAX: 'automatic' })).toContain('STRIPE_SECRET_KEY')
  })

  it('takes real money on a host for the public alone', () => {
    const live = { ...test, STRIPE_SECRET_KEY: 'rk_live_1' }
    expect(refusal(live)).toContain('use a test key')
    expect(readSettings({ ...publicHost, ...live }).stripe?.secretKey).toBe('rk_live_1')
  })
})

describe('a host for the public', () => {
  it('refuses plain http for its console and for Stripe', () => {
    expect(refusal({ ...publicHost, SITEWRIGHT_CONSOLE_URL: 'http://console.example' })).toContain(
      'SITEWRIGHT_CONSOLE_URL of a public host must be an https address',
    )
    const stripe = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }
    expect(refusal({ ...publicHost, ...stripe, STRIPE_API_BASE: 'http://stripe.example' })).toContain(
      'STRIPE_API_BASE of a public host must be an https address',
    )
    const secure = { ...publicHost, ...stripe, STRIPE_API_BASE: 'https://stripe.example' }
    expect(readSettings(secure).stripe?.apiBase).toBe('https://stripe.example')
  })

  it('has both of its domains, and addresses as visitors reach them', () => {
    const settings = readSettings({ ...publicHost, SITEWRIGHT_CONSOLE_URL: 'https://console.example/' })
    expect(settings).toMatchObject({
      isPublic: true,
      consoleUrl: 'https://console.example',
      sitesDomain: 'sites.example',
    })
    expect(settings.siteUrl('ada.sites.example')).toBe('https://ada.sites.example')
    const withPort = readSettings({ ...publicHost, SITEWRIGHT_CONSOLE_URL: 'https://console.example:8443' })
    expect(withPort.siteUrl('ada.sites.example')).toBe('https://ada.sites.example:8443')
  })

  it.each([
    ['no console', { SITEWRIGHT_SITES_DOMAIN: 'sites.example' }],
    ['no domain for sites', { SITEWRIGHT_CONSOLE_URL: 'https://console.example' }],
    ['a console that is a site of this machine', { SITEWRIGHT_CONSOLE_URL: 'http://console.localhost:4000' }],
  ])('with %s is refused', (_what, environment) => {
    expect(refusal(environment)).toBe('a public host needs both SITEWRIGHT_SITES_DOMAIN and SITEWRIGHT_CONSOLE_URL')
  })

  it.each([
    ['https://sites.example', 'sites.example'],
    ['https://console.sites.example', 'sites.example'],
    ['https://a.b.sites.example:8443', 'sites.example'],
    ['https://console.example.com', 'sites.example.com'],
    ['https://example.com', 'sites.example.com'],
    ['https://console.example.com.', 'sites.example.com'],
    ['https://console.example.co.uk', 'sites.example.co.uk'],
    ['https://192.0.2.7', '192.0.2.7'],
  ])('whose console, %s, shares a registered domain with sites of %s is refused', (console, sites) => {
    const message = refusal({ SITEWRIGHT_CONSOLE_URL: console, SITEWRIGHT_SITES_DOMAIN: sites })
    expect(message).toContain('the console needs a different registrable domain')
  })

  it.each([
    ['https://console.one.co.uk', 'sites.two.co.uk'],
    ['https://192.0.2.7', '198.51.2.7'],
    ['https://[2001:db8::1]', 'sites.example'],
  ])('may have its console at %s and its sites below %s', (console, sites) => {
    const { isPublic } = readSettings({ SITEWRIGHT_CONSOLE_URL: console, SITEWRIGHT_SITES_DOMAIN: sites })
    expect(isPublic).toBe(true)
  })

  it('may have a console whose name only looks as if it were among the sites', () => {
    const console = 'https://not-sites.example'
    expect(readSettings({ ...publicHost, SITEWRIGHT_CONSOLE_URL: console }).consoleUrl).toBe(console)
  })
})

describe('a host whose console is an address of this machine', () => {
  it.each(['http://localhost:5000', 'http://127.0.0.1:5000', 'http://[::1]:5000'])(
    '%s is not for the public',
    (url) => {
      expect(readSettings({ SITEWRIGHT_CONSOLE_URL: url })).toMatchObject({ isPublic: false, consoleUrl: url })
    },
  )
})

it('a machine with many cores has no more routers by default than can be asked for', () => {
  expect([usualRouters(4), usualRouters(192)]).toEqual([4, 64])
  expect(readSettings({ SITEWRIGHT_ROUTERS: String(usualRouters(192)) }).routers).toBe(64)
})

import { describe, expect, it } from 'vitest'
import { readHostname } from '../../../lambdas/domains/custom-hostname.ts'

const own = ['try.example.org', 'sites.example.net']
const read = (typed: string) => readHostname(typed, own)

describe('a custom hostname', () => {
  it.each([
    ['www.example.com', 'www.example.com'],
    ['WWW.Example.COM', 'www.example.com'],
    [' www.example.com. ', 'www.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example.', 'xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['example.com', 'example.com'],
    ['https://www.example.org/', 'www.example.org'],
    [' HTTPS://WWW.Example.org./shop?a=1#top ', 'www.example.org'],
    ['http://www.example.org', 'www.example.org'],
    ['//www.example.org/', 'www.example.org'],
    ['http://www.example.org:80/', 'www.example.org'],
    ['https://www.example.org:443', 'www.example.org'],
    ['www.example.org/a@b', 'www.example.org'],
    ['https://bücher.example/über', 'xn--bcher-kva.example'],
    ['www.example.com/path', 'www.example.com'],
    ['www.example.com#', 'www.example.com'],
    ['a.b.c.d.example.co.uk', 'a.b.c.d.example.co.uk'],
    ['notsites.example.net.example.com', 'notsites.example.net.example.com'],
  ])('reads %j as %s', (typed, hostname) => {
    expect(read(typed)).toEqual({ hostname })
  })

  it.each([
    ['', 'not-a-hostname'],
    ['.', 'not-a-hostname'],
    ['a..example.com', 'not-a-hostname'],
    ['-a.example.com', 'not-a-hostname'],
    ['under_score.example.com', 'not-a-hostname'],
    ['user@example.com', 'not-a-hostname'],
    ['www.exa mple.com', 'not-a-hostname'],
    ['%77ww.example.com', 'not-a-hostname'],
    [`${'a'.repeat(64)}.example.com`, 'not-a-hostname'],
    [`${'a.'.repeat(125)}com`, 'not-a-hostname'],
    ['*.example.com', 'wildcard'],
    ['www.*.com', 'wildcard'],
    ['192.0.2.1', 'ip-address'],
    ['3221225985', 'ip-address'],
    ['0xc0.0.2.1', 'ip-address'],
    ['192.0.513', 'ip-address'],
    ['192.0.2.1.', 'ip-address'],
    ['2001:db8::1', 'ip-address'],
    ['[2001:db8::1]', 'ip-address'],
    ['www.example.com:8080', 'port'],
    ['https://www.example.com:8443/', 'port'],
    ['https://ada:secret@www.example.com/', 'not-a-hostname'],
    ['https://www.example.com@evil.example/', 'not-a-hostname'],
    ['https://', 'not-a-hostname'],
    ['https:///www.example.com', 'not-a-hostname'],
    ['https:\\\\www.example.com', 'not-a-hostname'],
    ['ftp://www.example.com/', 'not-a-hostname'],
    ['https://[2001:db8::1]:443/', 'ip-address'],
    ['https://192.0.2.1/', 'ip-address'],
    ['https://try.example.org/', 'ours'],
    ['localhost', 'single-label'],
    ['intranet', 'single-label'],
    ['com.', 'single-label'],
    ['shop.localhost', 'special-use'],
    ['printer.local', 'special-use'],
    ['1.2.0.192.in-addr.arpa', 'special-use'],
    ['router.home.arpa', 'special-use'],
    ['hidden.onion', 'special-use'],
    ['try.example.org', 'ours'],
    ['a.TRY.example.org.', 'ours'],
    ['sites.example.net', 'ours'],
    ['other.sites.example.net', 'ours'],
  ])('refuses %j: %s', (typed, problem) => {
    expect(read(typed)).toEqual({ problem })
  })

  it('is ours below localhost where sites are there', () => {
    expect(readHostname('shop.localhost', ['localhost'])).toEqual({ problem: 'ours' })
  })
})

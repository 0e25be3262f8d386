import { expect, it } from 'vitest'
import { sleepPolicySchema } from '../../lambdas/sleep/sleep-policy.ts'
import { createAutomata } from '../../router/recognise-visitor.ts'

const policy = sleepPolicySchema.parse({})

it.each([
  ['curl/8.5.0', undefined],
  ['Wget/1.21', undefined],
  ['python-requests/2.31', undefined],
  ['node', undefined],
  ['', undefined],
  [undefined, undefined],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36', undefined],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0', undefined],
  ['Mozilla/5.0 (Linux; Android 9; CUBOT X18 Plus) AppleWebKit/537.36 Chrome/99', undefined],
  ['Mozilla/5.0 (Linux; Android 9; CUBOT_P30) AppleWebKit/537.36 Chrome/90 Mobile Safari/537.36', undefined],
  ['Some_bot_version_2', 'crawler'],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'crawler'],
  ['Googlebot-Image/1.0', 'crawler'],
  ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 'crawler'],
  ['Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)', 'crawler'],
  ['Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)', 'crawler'],
  ['Mozilla/5.0 (Linux; Android 5.0) (compatible; Bytespider)', 'crawler'],
  ['Mozilla/5.0 (compatible; Yahoo! Slurp)', 'crawler'],
  ['facebookexternalhit/1.1', 'crawler'],
  ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'crawler'],
  ['http.rb/5.1.1 (Mastodon/4.3.0; +https://mastodon.social/)', 'crawler'],
  ['Feedly/1.0 (+http://www.feedly.com/fetcher.html; 3 subscribers; like FeedFetcher-Google)', 'crawler'],
  ['Mozilla/5.0 (compatible; inoreader.com; 1 subscribers)', 'crawler'],
  ['Tiny Tiny RSS/24.06 (https://tt-rss.org/)', 'crawler'],
  ['FreshRSS/1.24.3 (Linux; https://freshrss.org)', 'crawler'],
  ['Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)', 'crawler'],
  ['Mozilla/5.0 zgrab/0.x', 'crawler'],
  ['Mozilla/5.0 (compatible; NetcraftSurveyAgent/1.0; +info@netcraft.com)', 'crawler'],
  ['Mozilla/5.0 (compatible; Cloudflare-Traffic-Manager/1.0; pool-id: 1)', 'monitor'],
  ['Mozilla/5.0 (Windows NT 10.0; WOW64) Chrome/83.0.4103.97 Safari/537.36 (Dotcom-Monitor)', 'monitor'],
  ['Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)', 'monitor'],
  ['Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)', 'monitor'],
  ['Better Stack Better Uptime Bot', 'monitor'],
  ['Blackbox Exporter/0.25.0', 'monitor'],
  ['Uptime-Kuma/1.23.0', 'monitor'],
  ['updown.io daemon 2.11', 'monitor'],
  ['Mozilla/5.0 (compatible; OhDear/1.1; +https://ohdear.app/checker)', 'monitor'],
  ['Pabio/upptime (https://github.com/upptime/upptime)', 'monitor'],
  ['NodePing', 'monitor'],
  ['kube-probe/1.34', 'monitor'],
  ['GoogleHC/1.0', 'monitor'],
  ['Amazon-Route53-Health-Check-Service (ref 1; report http://amzn.to/1)', 'monitor'],
])('recognises %s', (userAgent, expected) => {
  const automata = createAutomata(policy)
  expect([automata(userAgent), automata(userAgent)]).toEqual([expected, expected])
})

it('looks at the first 300 characters only', () => {
  const automata = createAutomata(policy)
  expect(automata(`Googlebot/2.1 ${'x'.repeat(9000)}`)).toBe('crawler')
  expect(automata(`${'x'.repeat(300)} Googlebot/2.1`)).toBeUndefined()
})

it('recognises nobody by empty lists', () => {
  const automata = createAutomata({ crawlers: [], monitors: [] })
  expect(['Googlebot/2.1', 'UptimeRobot/2.0', ''].map(automata)).toEqual([undefined, undefined, undefined])
})

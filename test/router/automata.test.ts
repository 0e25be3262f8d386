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

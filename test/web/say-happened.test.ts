import { describe, expect, it, test } from 'vitest'
import { siteEventTypes } from '../../core/events/event.ts'
import type { reasonForNone } from '../../core/site/copy-schedule.ts'
import { missedReasons } from '../../lambdas/relocations/mail-staff.ts'
import { sayHappened } from '../../web/operator/site-records.ts'
import { inLanguage } from '../../web/texts/catalogue.ts'
import { catalogue } from '../../web/texts/catalogues/operator.ts'
import { createTexts } from '../../web/texts/texts.ts'
import { sayBrowser } from '../../web/ui/say-browser.ts'
import { requiredData } from '../support/event-data.ts'

const [english, german] = (['en', 'de'] as const).map((language) =>
  createTexts(language, inLanguage(catalogue, language)),
)
if (english === undefined || german === undefined) throw new Error('a language is missing')

const entry = (type: string, details: object = {}, kind: 'event' | 'mail' = 'event') => ({
  id: 'evt_1',
  at: '2026-03-01T12:00:00.000Z',
  kind,
  type,
  title: 'The words of the API',
  who: { kind: 'system' } as const,
  details: { ...details },
})

describe('the timeline of a site', () => {
  it.each(siteEventTypes)('says %s in the language of the page', (type) => {
    const event = entry(type, requiredData(type))
    const said = [english, german].map((texts) => sayHappened(texts, event))
    expect(said).not.toContain('The words of the API')
    expect(said[0]).not.toBe(said[1])
    expect(said.join(' ')).not.toMatch(/[{}–]/)
  })

  it('names operations, reasons and days, not their codes', () => {
    const say = (type: string, details: object) =>
      [english, german].map((texts) => sayHappened(texts, entry(type, details)))
    expect(say('SiteSuspended', { because: 'trial-ended' })).toEqual([
      'Suspended: the trial ended',
      'Angehalten: die Testphase ist abgelaufen',
    ])
    expect(say('SiteOperationEnded', { operation: 'upgrade', outcome: 'done' })[1]).toBe(
      'Beendet: Aktualisieren (erledigt)',
    )
    expect(say('SiteReminded', { daysBefore: 1 })).toEqual([
      'Reminder sent 1 day before the end',
      'Erinnerung 1 Tag vor dem Ende gesendet',
    ])
    const skipped: Readonly<Record<NonNullable<ReturnType<typeof reasonForNone>>, readonly string[]>> = {
      unused: ['unused since the last copy', 'seit der letzten Kopie unbenutzt'],
      'hour-passed': ['its hour has passed', 'ihre Stunde ist vorbei'],
    }
    for (const [because, [inEnglish, inGerman]] of Object.entries(skipped)) {
      expect(say('SiteCopySkipped', { because })).toEqual([
        `Scheduled copy skipped: ${inEnglish}`,
        `Geplante Kopie ausgelassen: ${inGerman}`,
      ])
    }
    for (const because of Object.keys(missedReasons)) {
      expect(say('RelocationMissed', { because }).join()).not.toContain(because)
    }
    expect(say('SiteWoke', { to: 3 })[1]).toBe('Wacht mit Version 3 auf')
    expect(say('SiteStorageNoted', { because: 'near' })[1]).toBe('Der Speicher ist fast voll')
  })

  it('says what a mail is about, also as a part of an operation', () => {
    const about = entry('SiteClaimed')
    const mail = { ...entry('Mail', { status: 'stored', about: about.id }, 'mail'), id: 'msg_1' }
    expect(sayHappened(german, mail, [mail, about])).toBe('E-Mail an den Inhaber: Aus dem Vorrat vergeben')
  })

  it('keeps the words of the API for an event that it does not know', () => {
    expect(sayHappened(german, entry('SitePainted'))).toBe('The words of the API')
  })
})

test('a session names its browser in the language of the page', () => {
  const say = (browser: string | null) => [english, german].map((texts) => sayBrowser(texts, browser))
  expect(say('Safari on Linux')).toEqual(['Safari on Linux', 'Safari unter Linux'])
  expect(say('Unknown browser on Linux')).toEqual(['Unknown browser on Linux', 'Unbekannter Browser unter Linux'])
  expect(say('curl')[1]).toBe('curl')
  expect(say(null)[1]).toBe('Unbekannter Browser')
})

import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import {
  createSourceFile,
  forEachChild,
  isNoSubstitutionTemplateLiteral,
  isTaggedTemplateExpression,
  type Node,
  ScriptTarget,
} from 'typescript'
import { describe, expect, it } from 'vitest'
import { plusMilliseconds } from '../../../core/instant.ts'
import german from '../../../core/mail/german.json' with { type: 'json' }
import { days, localDay, localTime, sayIn, timeLeft } from '../../../core/mail/mail-words.ts'
import { buildReasons } from '../../../lambdas/sites/build/build-failure.ts'

/** The sentences that the templates of a file say. */
const sentencesIn = (file: string): readonly string[] => {
  const source = readFileSync(file, 'utf8')
  // Most files say nothing, and parsing takes long.
  if (!/\bsay\s*`/.test(source)) return []
  const found: string[] = []
  const visit = (node: Node): void => {
    if (isTaggedTemplateExpression(node) && node.tag.getText() === 'say') {
      const { template } = node
      const parts = isNoSubstitutionTemplateLiteral(template)
        ? [template.text]
        : [template.head.text, ...template.templateSpans.map(({ literal }, index) => `{${index}}${literal.text}`)]
      found.push(parts.join(''))
    }
    forEachChild(node, visit)
  }
  visit(createSourceFile(file, source, ScriptTarget.Latest, true))
  return found
}

const placesOf = (sentence: string): readonly string[] => (sentence.match(/\{\d\}/g) ?? []).toSorted()

describe('the sentences of mails', () => {
  it('are all there in German, and no others', async () => {
    // A failed site has its reason in English.
    const said = new Set<string>(buildReasons)
    for await (const file of glob('{core,lambdas}/**/*.ts'))
      for (const sentence of sentencesIn(file)) said.add(sentence)
    expect(said.size).toBeGreaterThan(150)
    expect(Object.keys(german).toSorted()).toEqual([...said].toSorted())
  })

  it('name a domain, and a site that was suspended, where “sie” or “Ihre” could be another thing', () => {
    const translated = new Map(Object.entries(german))
    const sentences = [...sentencesIn('lambdas/domains/mail-domain.ts'), '{0}, so we have suspended it.'].filter(
      (one) => /\bits?\b/i.test(one),
    )
    expect(sentences.length).toBeGreaterThan(5)
    const isUnclear = (text = 'missing: sie') => /\bsie\b|^Ihre DNS/.test(text)
    expect(sentences.map((one) => translated.get(one)).filter(isUnclear)).toEqual([])
  })

  it('have the same values in both languages', () => {
    for (const [english, translated] of Object.entries(german)) {
      expect(placesOf(translated), english).toEqual(placesOf(english))
      expect(translated, english).not.toBe('')
    }
  })

  it.each([
    [7 * 24, '7 days'],
    // Mailed in the next minutes.
    [7 * 24 - 0.2, '7 days'],
    [60, '2 days'],
    [24, '1 day'],
    [22, 'less than a day'],
    [0.5, 'less than a day'],
  ])('say how much is left of %d hours, and never more', (hours, left) => {
    const now = '2026-12-31T22:00:00.000Z'
    expect(timeLeft(now, plusMilliseconds(now, hours * 3_600_000))).toBe(left)
  })

  it('put values where the language has them, and read no value as a sentence', () => {
    expect(sayIn('de')`The trial of ${'{1}'} ends in ${days(7, sayIn('de'))}`).toBe(
      'Noch 7 Tage: Die Testphase von {1} endet',
    )
    expect(sayIn()`The trial of ${'Tulip'} ends in ${days(1)}`).toBe('The trial of Tulip ends in 1 day')
  })

  it('say times as the language does', () => {
    expect(localTime('2026-03-15T12:00:00.000Z', 'Europe/Berlin', 'de')).toBe('Sonntag, 15. März 2026 um 13:00 MEZ')
    // The day of the owner's zone, without a time.
    expect(localDay('2026-03-15T23:30:00.000Z', 'Europe/Berlin', 'de')).toBe('Montag, 16. März 2026')
    expect(localDay('2026-03-15T23:30:00.000Z', 'nowhere')).toBe('Sunday, 15 March 2026')
  })
})

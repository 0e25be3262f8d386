import { expect, it } from 'vitest'
import { lineOf } from '../../../core/text.ts'
import { line } from '../../../lambdas/http/input-forms.ts'

const problemOf = (text: string) => line(40).safeParse(text).error?.issues[0]?.message

it.each([
  ['Käthe’s Café', 'letters beyond ASCII'],
  ['متجر آدا', 'a right-to-left language'],
  ['می‌خواهم', 'a joiner that Persian needs'],
  ['\u200fעדה (2)', 'a mark of direction'],
  ['👩\u200d🚀', 'joined emoji'],
])('takes %s as a line: %s', (text) => {
  expect(problemOf(text)).toBeUndefined()
  expect(line(40).parse(text)).toBe(text)
  expect(lineOf(text, 40)).toBe(text)
})

it.each([
  ['Acme\u202egpj.exe', 'must not contain characters that change the direction of other texts'],
  ['\u2067Acme', 'must not contain characters that change the direction of other texts'],
  ['\u200b\u200b', 'must have a visible character'],
  ['\u3164', 'must have a visible character'],
  ['\u2800', 'must have a visible character'],
  ['  ', 'must not be empty'],
  ['a\u0000b', 'must not contain control characters'],
])('refuses %j as a line', (text, problem) => {
  expect(problemOf(text)).toBe(problem)
})

it('drops what would turn other texts from a line that refuses nothing', () => {
  expect(lineOf('Acme\u202egpj.exe', 40)).toBe('Acmegpj.exe')
})

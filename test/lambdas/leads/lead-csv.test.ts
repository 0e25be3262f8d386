import { expect, it } from 'vitest'
import { csvOf } from '../../../lambdas/leads/lead-csv.ts'

it('writes rows that a spreadsheet opens as text, with formulae escaped', () => {
  const rows = [['=HYPERLINK("http://x")', '+1', '-1', '@x', '\tx', 'a,b', 'a "b"', 'a\nb', -5, true, null, undefined]]
  expect(csvOf(['a', 'b'], rows)).toBe(
    '\u{feff}a,b\r\n"\'=HYPERLINK(""http://x"")",\'+1,\'-1,\'@x,\'\tx,"a,b","a ""b""","a\nb",-5,true,,\r\n',
  )
})

it('writes what spreadsheets with decimal commas open, if asked for', () => {
  const rows = [['a;b', 'c,d', 'Müller', 0.25, -5, '1.5', null]]
  expect(csvOf(['a', 'b'], rows, 'semicolon')).toBe('\u{feff}a;b\r\n"a;b";c,d;Müller;0,25;-5;1.5;\r\n')
})

it('escapes formulae behind a semicolon, where spreadsheets of some languages begin a cell', () => {
  expect(csvOf(['a'], [['x;=1+1;y'], ['x\n＝1'], ['a;b']])).toBe('\u{feff}a\r\nx;\'=1+1;y\r\n"x\n\'＝1"\r\na;b\r\n')
})

it('escapes formulae behind a comma in a file with semicolons, where other spreadsheets begin a cell', () => {
  expect(csvOf(['a', 'b'], [['x,=1+1', 'c,d']], 'semicolon')).toBe("\u{feff}a;b\r\nx,'=1+1;c,d\r\n")
})

it('escapes formulae behind an empty quoted part and spaces', () => {
  const rows = [['x;"=1+1;'], ['x; =1+1;'], [' "" @x'], ['a; "b"']]
  expect(csvOf(['a'], rows)).toBe('\u{feff}a\r\n"x;\'""=1+1;"\r\nx;\' =1+1;\r\n"\' """" @x"\r\n"a; ""b"""\r\n')
})

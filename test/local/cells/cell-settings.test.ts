import { describe, expect, it } from 'vitest'
import { isAround, parseCells } from '../../../local/cells/cell-settings.ts'

describe('SITEWRIGHT_CELLS', () => {
  it('names cells with their directories, and which of them get only sites that are sent there', () => {
    expect(parseCells('fast=/mnt/fast, large=/mnt/large/:named')).toEqual([
      { name: 'fast', directory: '/mnt/fast', isNamed: false },
      { name: 'large', directory: '/mnt/large', isNamed: true },
    ])
  })

  it.each([
    ['fast', "not 'fast'"],
    ['fast=mnt', 'absolute'],
    ['Fast=/mnt', "not 'Fast=/mnt'"],
    ['local=/mnt', 'home directory'],
    ['a=/mnt/a,a=/mnt/b', "the cell 'a' twice"],
    ['a=/mnt/a,b=/mnt/a/', "'a' and 'b'"],
    ['a=/mnt/a/b,b=/mnt/a', 'inside each other'],
  ])('%s is refused', (text, why) => {
    expect(parseCells(text)).toContain(why)
  })

  it('knows a directory that is in the home, or around it', () => {
    const cell = (directory: string) => ({ name: 'a', directory, isNamed: false })
    const around = ['/srv/home', '/srv/home/cell', '/srv', '/srv/home2'].map((at) => isAround(cell(at), '/srv/home'))
    expect(around).toEqual([true, true, true, false])
  })
})

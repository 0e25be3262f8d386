import { expect, it } from 'vitest'
import { type Archive, withArchive } from '../../../core/site/archive.ts'

const archive = (number: number, kind: Archive['kind']): Archive => ({
  ...{ id: `arc_${String(number).padStart(26, '0')}`, at: '2026-01-31T09:30:00.000Z', bytes: 1, files: 1 },
  kind,
  blueprint: { name: 'welcome', version: 1 },
})

it('the data from before the first restore of a day is still a copy after the last', () => {
  const before = [archive(1, 'owner'), archive(2, 'reclaim'), archive(3, 'release')]
  const after = [4, 5, 6, 7].reduce<readonly Archive[]>(
    (all, number) => withArchive({ archives: all }, archive(number, 'restore')),
    before,
  )
  expect(after.map(({ kind }) => kind)).toEqual([...Array(4).fill('restore'), 'owner', 'reclaim', 'release'])
  expect(withArchive({ archives: after }, archive(8, 'restore')).map(({ id }) => id)).not.toContain(
    archive(4, 'restore').id,
  )
})

it('a new copy of a kind that is kept once replaces the one before, and a repeated one changes nothing', () => {
  const once = withArchive({ archives: [archive(1, 'release'), archive(2, 'owner')] }, archive(3, 'release'))
  expect(once).toEqual([archive(3, 'release'), archive(2, 'owner')])
  expect(withArchive({ archives: once }, archive(3, 'release'))).toEqual(once)
})

it('the archive that leads back from a relocation stays whatever comes', () => {
  const switched = { at: '2026-01-31T09:30:00.000Z', archiveId: archive(1, 'release').id, back: {} }
  const kept = withArchive({ archives: [archive(1, 'release')], relocation: { switched } }, archive(2, 'release'))
  expect(kept).toEqual([archive(2, 'release'), archive(1, 'release')])
})

import { expect, it } from 'vitest'
import { type Archive, newestArchive, withArchive, withRestored } from '../../../core/site/archive.ts'

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

it('data that was given up for an older copy comes last, until somebody restores it in turn', () => {
  const of = (day: number, kind: Archive['kind']) => ({ ...archive(day, kind), at: `2026-01-0${day}T09:30:00.000Z` })
  const restore = (archives: readonly Archive[], day: number, at: number) =>
    withArchive(
      { archives: withRestored(archives, of(day, 'release').id, of(at, 'release').at) },
      { ...of(at, 'release'), setAside: of(at, 'release').at },
    )
  const back = restore([of(3, 'owner'), of(2, 'release'), of(1, 'schedule')], 2, 4)
  // The copy that was restored stays although only one of its kind is kept.
  expect(back.map(({ id, setAside }) => [id, setAside])).toEqual([
    [of(4, 'release').id, of(4, 'release').at],
    [of(3, 'owner').id, of(4, 'release').at],
    [of(2, 'release').id, undefined],
    [of(1, 'schedule').id, undefined],
  ])
  expect(newestArchive(back)).toEqual(of(2, 'release'))
  // What the site had before that.
  expect(newestArchive(back.slice(1), { at: of(3, 'owner').at })?.id).toBe(of(3, 'owner').id)
  const forward = restore(back, 4, 5)
  expect(newestArchive(forward)).toEqual(of(4, 'release'))
  expect(newestArchive(withArchive({ archives: forward }, of(6, 'schedule')))).toEqual(of(6, 'schedule'))
  expect(newestArchive([{ ...of(1, 'restore'), setAside: of(2, 'restore').at }])?.id).toBe(of(1, 'restore').id)
})

it('an archive that a clock dated ahead is not the newest, and stands in no way of those that follow', () => {
  const of = (number: number, at: string): Archive => ({ ...archive(number, 'schedule'), at })
  const [ahead, now, next] = [
    of(1, '2036-02-01T03:00:00.000Z'),
    of(2, '2026-02-01T03:00:00.000Z'),
    of(3, '2026-02-02T03:00:00.000Z'),
  ]
  const once = withArchive({ archives: [ahead] }, now, 1)
  expect(once).toEqual([now])
  expect(withArchive({ archives: [now, ahead] }, next, 2)).toEqual([next, now])
  expect(newestArchive([now, ahead], { now: next.at })).toEqual(now)
  expect(newestArchive([ahead], { now: next.at })).toEqual(ahead)
  // It was given up while the clock was ahead.
  const givenUp = { ...next, setAside: ahead.at }
  expect(newestArchive([givenUp, now], { now: next.at })).toEqual(now)
})

import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createStorageRoom } from '../../sites/welcome/courses/storage-room.ts'

test('an upload that begins while another is published does not get its room', async () => {
  const slow = Promise.withResolvers<void>()
  const waits = [undefined, slow.promise, undefined]
  let stored = 0
  const room = createStorageRoom(async () => {
    const seen = stored
    await waits.shift()
    return seen
  })
  const first = await room.open(10)
  first.resize(6)
  const opening = room.open(10)
  await turn()
  stored = 6
  const closing = first.close()
  await turn()
  slow.resolve()
  const second = await opening
  await closing
  expect(() => second.resize(5)).toThrow('The package needs 1 MB, and 0 MB are free')
  expect(() => second.resize(4)).not.toThrow()
})

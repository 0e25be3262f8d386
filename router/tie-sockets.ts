import type { Socket } from 'node:net'

/** How long the other direction may stay silent once one has ended. */
const lingerMilliseconds = 60_000
/** Finds peers that vanished without a word. */
const probeMilliseconds = 30_000

/**
 * Makes one connection of two: each gets what the other receives, as fast as it reads. An end is passed on as an end, and
 * once one side is gone the other goes too: as soon as it has been given everything, or by a reset where the first broke off.
 * @param carry is told how many bytes have come, from either side.
 */
export const tieSockets = (left: Socket, right: Socket, carry: (bytes: number) => void): void => {
  passOn(left, right, carry)
  passOn(right, left, carry)
}

const passOn = (from: Socket, to: Socket, carry: (bytes: number) => void): void => {
  from.setTimeout(0)
  from.setNoDelay(true)
  from.setKeepAlive(true, probeMilliseconds)
  from.pipe(to)
  from.on('data', (chunk: Buffer) => carry(chunk.length))
  from.on('end', () => {
    to.setTimeout(lingerMilliseconds, () => to.destroy())
  })
  from.on('close', (hadError) => {
    if (hadError) to.resetAndDestroy()
    else to.destroySoon()
  })
}

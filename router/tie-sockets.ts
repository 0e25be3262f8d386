import type { Socket } from 'node:net'

/** How long the other direction may stay silent once one has ended. */
const lingerMilliseconds = 60_000
/** Finds peers that vanished without a word. */
const probeMilliseconds = 30_000

/**
 * Makes one connection of two: each gets what the other receives, as fast as it reads. An end is passed on as an end, and
 * once one side is gone the other goes too: as soon as it has been given everything, or by a reset where the first broke off.
 */
export const tieSockets = (left: Socket, right: Socket): void => {
  carry(left, right)
  carry(right, left)
}

const carry = (from: Socket, to: Socket): void => {
  from.setTimeout(0)
  from.setNoDelay(true)
  from.setKeepAlive(true, probeMilliseconds)
  from.pipe(to)
  from.on('end', () => {
    to.setTimeout(lingerMilliseconds, () => to.destroy())
  })
  from.on('close', (hadError) => {
    if (hadError) to.resetAndDestroy()
    else to.destroySoon()
  })
}

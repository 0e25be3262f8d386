import { Problem } from '../problem.ts'

/** The room that one upload takes. */
export interface Reservation {
  /** Changes what it takes to so many bytes. @throws {Problem} 507 where the plan has no room for them. */
  readonly resize: (bytes: number) => void
  /** Called when what it wrote is published or removed. */
  readonly close: () => Promise<void>
}

const mebibyte = 1024 * 1024

/** A file takes whole blocks, and an entry in its folder. */
const blockBytes = 4096

export const bytesOnDisk = ({ bytes, files }: { readonly bytes: number; readonly files: number }): number =>
  bytes + files * blockBytes

/** Shares the storage of the plan among uploads that run at once. @param measure the bytes that are stored, without uploads. */
export const createStorageRoom = (measure: () => Promise<number>) => {
  let used = 0
  let reserved = 0
  let measuring: Promise<unknown> = Promise.resolve()

  /** One measurement after the other: an older one that ends later would miss what was published meanwhile. */
  const measureInTurn = async (): Promise<void> => {
    const turn = measuring.then(measure)
    measuring = turn.catch(() => undefined)
    used = await turn
  }

  return {
    open: async (maxBytes: number): Promise<Reservation> => {
      let mine = 0
      await measureInTurn()
      return {
        resize: (bytes) => {
          const free = maxBytes - used - (reserved - mine)
          if (bytes > free) {
            const [needed, left] = [Math.ceil(bytes / mebibyte), Math.max(0, Math.floor(free / mebibyte))]
            const message = `The package needs ${needed} MB, and ${left} MB are free. Delete something, or choose a larger plan.`
            throw new Problem(507, message)
          }
          reserved += bytes - mine
          mine = bytes
        },
        close: async () => {
          // Before its reservation ends, so that no other upload gets this room.
          await measureInTurn().catch(() => {
            used += mine
          })
          reserved -= mine
        },
      }
    },
  }
}

export type StorageRoom = ReturnType<typeof createStorageRoom>

import { vi } from 'vitest'

/** Does something during which so many milliseconds pass at once, for timers that begin in it. */
export const passTime = async (milliseconds: number, act: () => Promise<unknown>): Promise<void> => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const done = act()
    await vi.advanceTimersByTimeAsync(milliseconds)
    await done
  } finally {
    vi.useRealTimers()
  }
}

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { poll } from './poll.ts'

/** Reads one value after another, and each read takes 60 ms of a clock that nothing else moves. */
const watch = async (values: readonly unknown[], isDone: (value: unknown) => boolean) => {
  let now = 0
  let checks = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => clock.mockRestore())
  const read = () => {
    now += 60
    checks += 1
    return values[(checks - 1) % values.length]
  }
  return { last: await poll(read, isDone, { patience: 100, pause: 0 }), checks }
}

const sites = (count: number) => ({ running: Array.from({ length: count }, (_, number) => `site-${number}`) })

describe('a wait', () => {
  it('goes on past the patience while its value changes', async () => {
    const growing = Array.from({ length: 12 }, (_, count) => sites(count))
    const { last, checks } = await watch(growing, (value) => value === growing[11])
    expect([last, checks]).toEqual([sites(11), 12])
  })

  it('gives up once its value has stayed the same for the patience', async () => {
    const { last, checks } = await watch([sites(1), sites(2), sites(2), sites(2), sites(3)], () => false)
    expect([last, checks]).toEqual([sites(2), 4])
  })

  it('gives up after ten times the patience where its value changes to and fro', async () => {
    const { checks } = await watch([sites(1), sites(2)], () => false)
    expect(checks).toBe(17)
  })

  it('ends at once with what it waits for', async () => {
    expect(await watch([sites(1)], () => true)).toEqual({ last: sites(1), checks: 1 })
  })
})

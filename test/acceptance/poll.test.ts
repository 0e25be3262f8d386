import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { poll } from './poll.ts'

/** Looks at one value after another, and each look takes 60 ms of a clock that nothing else moves. */
const watch = async (values: readonly unknown[], isDone: (value: unknown) => boolean) => {
  let now = 0
  let looks = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => clock.mockRestore())
  const look = () => {
    now += 60
    looks += 1
    return values[(looks - 1) % values.length]
  }
  return { last: await poll(look, isDone, { patience: 100, pause: 0 }), looks }
}

const sites = (count: number) => ({ running: Array.from({ length: count }, (_, number) => `site-${number}`) })

describe('a wait', () => {
  it('goes on past the patience while its value changes', async () => {
    const growing = Array.from({ length: 12 }, (_, count) => sites(count))
    const { last, looks } = await watch(growing, (value) => value === growing[11])
    expect([last, looks]).toEqual([sites(11), 12])
  })

  it('gives up once its value has stayed the same for the patience', async () => {
    const { last, looks } = await watch([sites(1), sites(2), sites(2), sites(2), sites(3)], () => false)
    expect([last, looks]).toEqual([sites(2), 4])
  })

  it('gives up after ten times the patience where its value changes to and fro', async () => {
    const { looks } = await watch([sites(1), sites(2)], () => false)
    expect(looks).toBe(17)
  })

  it('ends at once with what it waits for', async () => {
    expect(await watch([sites(1)], () => true)).toEqual({ last: sites(1), looks: 1 })
  })
})

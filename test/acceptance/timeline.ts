export const createTimeline = (print: (line: string) => void, now: () => number = () => performance.now()) => {
  const line = (mark: string, label: string, milliseconds: number, note: string): string =>
    `  ${mark} ${label.padEnd(34)} ${`${Math.round(milliseconds)} ms`.padStart(9)}   ${note}`.trimEnd()

  return {
    /** Runs one step; `note` describes its result. */
    step: async <Result>(
      label: string,
      run: () => Promise<Result>,
      note: (result: Result) => string = () => '',
    ): Promise<Result> => {
      const startedAt = now()
      try {
        const result = await run()
        print(line('✓', label, now() - startedAt, note(result)))
        return result
      } catch (error) {
        print(line('✗', label, now() - startedAt, ''))
        throw error
      }
    },
    since: (startedAt: number): number => Math.round(now() - startedAt),
    now,
    print,
  }
}

export type Timeline = ReturnType<typeof createTimeline>

import { createInterface } from 'node:readline'

export interface Terminal {
  /** @throws {Error} where nothing more can be read. */
  readonly ask: (question: string) => Promise<string>
  readonly close: () => void
}

/** The person who runs this, or whatever feeds its input; lines that come before they are asked for are kept. */
export const openTerminal = (input: NodeJS.ReadStream, output: NodeJS.WriteStream): Terminal => {
  const reader = createInterface({ input, output, terminal: input.isTTY === true })
  const lines = reader[Symbol.asyncIterator]()
  return {
    ask: async (question) => {
      reader.setPrompt(question)
      reader.prompt()
      const line = await lines.next()
      if (line.done === true) throw new Error('The input ended before the question was answered.')
      return line.value.trim()
    },
    close: () => reader.close(),
  }
}

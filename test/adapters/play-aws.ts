interface Played {
  readonly middlewareStack: {
    readonly add: (
      middleware: (next: unknown, context: { commandName?: string }) => (call: { input: object }) => Promise<object>,
      options: { step: 'initialize'; name: string },
    ) => void
  }
}

/**
 * Lets a test answer an SDK client's calls instead of AWS, before anything is sent: for answers that no emulator gives.
 * @param answer is given a command's input and its name; what it throws is what the service answers.
 */
export const playAws = <Client extends object, Input extends object>(
  client: Client,
  answer: (input: Input, commandName: string) => object | Promise<object>,
): Client => {
  const { middlewareStack } = client as unknown as Played
  middlewareStack.add(
    (_next, context) => async (call) => ({
      response: {},
      output: { $metadata: {}, ...(await answer(call.input as Input, context.commandName ?? '')) },
    }),
    { step: 'initialize', name: 'playedByTest' },
  )
  return client
}

import { gives, items, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const greetings = async (writing: Writing) => (await import('./store.ts')).createGreetings(writing)

export const access = {
  'greetings:read': gives({ greetings: only(greetings, 'get') }, items('main', ['GetItem'], 'GREETING')),
  'greetings:write': gives({ greetings: only(greetings, 'keep') }, items('main', ['PutItem'], 'GREETING')),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

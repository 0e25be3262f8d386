/** What programs that tests start have of this environment: where other programs are, and what Node has compiled of them before. */
export const childEnvironment = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
  ...more,
})

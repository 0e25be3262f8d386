/** The name that CloudFront finds the API by; whoever else asks it is refused. */
export const originHostname = (consoleHostname: string): string => `origin.${consoleHostname}`

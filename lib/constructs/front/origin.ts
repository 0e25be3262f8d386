/** The name that CloudFront finds the API by; whoever else asks it is refused. */
export const originHostname = (consoleHostname: string): string => `origin.${consoleHostname}`

/** What CloudFront adds to each request, and the API asks for. */
export const originSecretHeader = 'x-sitewright-origin'

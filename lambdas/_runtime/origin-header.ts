/** The header with the secret that only our CloudFront distribution knows and sends. */
export const originHeader = 'x-sitewright-origin'

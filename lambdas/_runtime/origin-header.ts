/** Holds what only our CloudFront distribution knows and sends along, and the API asks for. */
export const originHeader = 'x-sitewright-origin'

import { deriveSecret } from './derive-secret.ts'

/** The keys of proof-of-work challenges, derived so that installations of earlier versions have them too. */
export const proofSecrets = ({ codePepper }: { readonly codePepper: string }) => ({
  signatureSecret: deriveSecret(codePepper, 'sitewright proof of work: signature'),
  keySecret: deriveSecret(codePepper, 'sitewright proof of work: key'),
})

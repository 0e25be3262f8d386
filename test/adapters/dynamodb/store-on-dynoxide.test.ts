import { storeContract } from './store-contract.ts'

await storeContract('dynoxide')

import { storeContract } from './store-contract.ts'

await storeContract('dynamodb-local')

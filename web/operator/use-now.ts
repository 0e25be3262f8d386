import { useDomainNow } from '../ui/use-domain-now.ts'
import { useSession } from './session.ts'

export const useNow = (): string => useDomainNow(useSession())

import { createRoot } from 'react-dom/client'
import { readPage } from '../read-page.ts'
import { OperatorPage } from './operator-page.tsx'

const catalogues = {
  en: () => import('../texts/en/operator.ts'),
  de: () => import('../texts/de/operator.ts'),
}

const { settings, language, root } = readPage()
const { catalogue } = await catalogues[language]()
createRoot(root).render(<OperatorPage settings={settings} language={language} catalogue={catalogue} />)
document.documentElement.classList.remove('elsewhere')

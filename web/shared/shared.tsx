import { createRoot } from 'react-dom/client'
import { readPage } from '../read-page.ts'
import { SharedPage } from './shared-page.tsx'

const catalogues = {
  en: () => import('../texts/en/shared.ts'),
  de: () => import('../texts/de/shared.ts'),
}

const { settings, language, root } = readPage()
const { catalogue } = await catalogues[language]()
createRoot(root).render(<SharedPage settings={settings} language={language} catalogue={catalogue} />)
document.documentElement.classList.remove('elsewhere')

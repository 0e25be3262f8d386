import type { PackedFile } from './zip-archive.ts'

export interface ManifestParts {
  readonly title?: string
  readonly version?: string
  readonly items?: string
  readonly resources?: string
  readonly organization?: string
  readonly before?: string
  readonly attributes?: string
}

/** A manifest of SCORM 1.2 with one item; every part can be another. */
export const manifest = ({
  title = 'Safety at sea',
  version = '<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>',
  items = '<item identifier="ITEM-1" identifierref="RES-1"><title>Start</title></item>',
  resources = '<resource identifier="RES-1" type="webcontent" adlcp:scormtype="sco" href="index.html"/>',
  organization,
  before = '<?xml version="1.0" encoding="UTF-8"?>',
  attributes = '',
}: ManifestParts = {}): string => `${before}
<manifest identifier="M" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" ${attributes}
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  ${version}
  <organizations default="ORG">
    ${organization ?? `<organization identifier="ORG"><title>${title}</title>${items}</organization>`}
  </organizations>
  <resources>${resources}</resources>
</manifest>`

/** Content that says at once that it is done, where it finds the interface of SCORM 1.2. */
const page = `<!doctype html><title>Course</title><body><p id="said"></p><script>
  const api = window.parent.API
  api.LMSInitialize('')
  document.querySelector('#said').textContent = 'came as ' + (api.LMSGetValue('cmi.core.entry') || 'again') +
    ', with ' + (api.LMSGetValue('cmi.suspend_data') || 'nothing')
  eval('1 + 1')
  api.LMSSetValue('cmi.suspend_data', 'page 3')
  api.LMSSetValue('cmi.core.lesson_status', 'completed')
  api.LMSSetValue('cmi.core.exit', 'suspend')
  api.LMSCommit('')
</script></body>`

/** The files of a small course. */
export const course = (parts: ManifestParts = {}): readonly PackedFile[] => [
  { name: 'imsmanifest.xml', data: manifest(parts) },
  { name: 'index.html', data: page },
  { name: 'media/', mode: 0o040755 },
  { name: 'media/film.mp4', data: 'abcdefghij', isStored: true },
]

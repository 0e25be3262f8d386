import { packZip } from './pack-zip.ts'

/** The identifier of its one item. */
export const courseItem = 'ITEM-1'
export const courseTitle = 'Safety at sea'

const manifest = `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="DEMO" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="ORG">
    <organization identifier="ORG">
      <title>${courseTitle}</title>
      <item identifier="${courseItem}" identifierref="RES-1"><title>Start</title></item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="RES-1" type="webcontent" adlcp:scormtype="sco" href="index.html"><file href="index.html"/></resource>
  </resources>
</manifest>`

/** Says that it is completed as soon as it is opened. */
const content = `<!doctype html><title>${courseTitle}</title><p>Wear your life jacket.</p><script>
  const api = window.parent.API
  api.LMSInitialize('')
  api.LMSSetValue('cmi.core.lesson_status', 'completed')
  api.LMSFinish('')
</script>`

/** A small SCORM 1.2 package. */
export const coursePackage = (): Buffer => packZip({ 'imsmanifest.xml': manifest, 'index.html': content })

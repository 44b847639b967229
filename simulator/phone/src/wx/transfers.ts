/** `wx.uploadFile` and `wx.downloadFile`. */

import type { Given, Wx } from "./calling";
import { type Exchanges, headerOf, parsed, type Received, type Sending } from "./exchange";
import type { Files } from "./files";
import { recordOr, textOf } from "./parameters";

export function transferFunctions(exchanges: Exchanges, files: Files): Wx {
  return {
    uploadFile: (options: Given = {}) => {
      const task = exchanges.start(
        "uploadFile",
        options,
        () => formOf(options, files),
        async (response) => {
          const size = files.read(textOf(options, "filePath")).bytes.length;
          task.move({ progress: 100, totalBytesSent: size, totalBytesExpectedToSend: size });
          const data = await response.text();
          return { result: { data }, shown: parsed(data) };
        },
      );
      return task;
    },
    downloadFile: (options: Given = {}) => {
      const task = exchanges.start(
        "downloadFile",
        options,
        () => ({ method: "GET", header: headerOf(options) }),
        async (response) => {
          const blob = await response.blob();
          const size = blob.size;
          task.move({ progress: 100, totalBytesWritten: size, totalBytesExpectedToWrite: size });
          return keep(blob, options, files);
        },
      );
      return task;
    },
  };
}

function formOf(options: Given, files: Files): Sending {
  const path = textOf(options, "filePath");
  const name = textOf(options, "name");
  const { bytes, type } = files.read(path);
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  const fields = recordOr(options, "formData");
  const body = new FormData();
  for (const [field, value] of Object.entries(fields)) body.append(field, String(value));
  body.append(name, new Blob([bytes], { type }), fileName);
  const header = headerOf(options);
  // The boundary is known to the browser alone.
  delete header["content-type"];
  const shown = { ...fields, [name]: `${fileName} (${type}, ${bytes.length} bytes)` };
  return { method: "POST", header, body, shown };
}

async function keep(blob: Blob, options: Given, files: Files): Promise<Received> {
  const shown = `${blob.type} (${blob.size} bytes)`;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  if (options.filePath === undefined) {
    return { result: { tempFilePath: files.add(bytes, blob.type) }, shown };
  }
  const filePath = textOf(options, "filePath");
  files.write(filePath, { bytes, type: blob.type });
  return { result: { filePath }, shown };
}

/** `wx.getFileSystemManager()`: each function with callbacks, and as `…Sync` with its arguments in a row. */

import { bytesOf, encoded } from "./bytes";
import { type Calls, type Given, type Result, type Wx, WxFailure } from "./calling";
import { type Files, missing, USER_DATA_PATH } from "./files";
import { numberOr, textOf, textOr } from "./parameters";

type Act = { does: (options: Given) => unknown; arguments: string[]; gives?: string };

export function fileSystemFunctions(calls: Calls, files: Files): Wx {
  const acts = actsOn(files);
  const manager = calls.define(
    Object.fromEntries(Object.entries(acts).map(([name, act]) => [name, act.does])),
  );
  for (const [name, act] of Object.entries(acts)) {
    manager[`${name}Sync`] = (...values: unknown[]) => inARow(`${name}Sync`, act, values);
  }
  return {
    getFileSystemManager: () => manager,
    ...calls.define({
      saveFile: (options) => acts.saveFile.does(options),
      getFileInfo: (options) => acts.getFileInfo.does(options),
    }),
  };
}

function inARow(name: string, act: Act, values: unknown[]): unknown {
  const options = Object.fromEntries(act.arguments.map((one, index) => [one, values[index]]));
  try {
    const result = act.does(options);
    return act.gives === undefined ? undefined : (result as Result)[act.gives];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name}:fail ${reason}`);
  }
}

function actsOn(files: Files) {
  const read = (path: string) => {
    if (files.isFolder(path)) {
      throw new WxFailure(`illegal operation on a directory, read "${path}"`);
    }
    return files.read(path);
  };
  return {
    access: {
      arguments: ["path"],
      does: (o) => {
        const path = textOf(o, "path");
        if (!files.has(path) && !files.isFolder(path)) throw missing(path);
      },
    },
    readFile: {
      arguments: ["filePath", "encoding", "position", "length"],
      gives: "data",
      does: (o) => {
        const { bytes } = read(textOf(o, "filePath"));
        const start = numberOr(o, "position", 0);
        const part = bytes.slice(start, start + numberOr(o, "length", bytes.length));
        return { data: encoded(part, textOr(o, "encoding", "")) };
      },
    },
    writeFile: {
      arguments: ["filePath", "data", "encoding"],
      does: (o) => {
        const bytes = bytesOf(o.data, textOr(o, "encoding", "utf8"));
        files.write(textOf(o, "filePath"), { bytes, type: "" });
      },
    },
    copyFile: {
      arguments: ["srcPath", "destPath"],
      does: (o) => files.write(textOf(o, "destPath"), read(textOf(o, "srcPath"))),
    },
    saveFile: {
      arguments: ["tempFilePath", "filePath"],
      gives: "savedFilePath",
      does: (o) => {
        const from = textOf(o, "tempFilePath");
        const savedFilePath = textOr(o, "filePath", `${USER_DATA_PATH}/${from.split("/").pop()}`);
        files.write(savedFilePath, read(from));
        files.remove(from);
        return { savedFilePath };
      },
    },
    unlink: {
      arguments: ["filePath"],
      does: (o) => files.remove(textOf(o, "filePath")),
    },
    mkdir: {
      arguments: ["dirPath", "recursive"],
      does: (o) => files.makeFolder(textOf(o, "dirPath"), o.recursive === true),
    },
    rmdir: {
      arguments: ["dirPath", "recursive"],
      does: (o) => files.removeFolder(textOf(o, "dirPath"), o.recursive === true),
    },
    readdir: {
      arguments: ["dirPath"],
      gives: "files",
      does: (o) => ({ files: files.list(textOf(o, "dirPath")) }),
    },
    getFileInfo: {
      arguments: ["filePath"],
      does: (o) => ({ size: read(textOf(o, "filePath")).bytes.length }),
    },
  } satisfies Record<string, Act>;
}

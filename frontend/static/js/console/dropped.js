// What somebody dropped: files as they are, folders with all that lies in them.

/** Resolves to {file, path}; the path begins with the name of the folder that was dropped. */
export async function filesOf(dropped) {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return [...dropped.files].map((file) => ({ file, path: file.name }));
  return (await Promise.all(entries.map((entry) => inside(entry, "")))).flat();
}

async function inside(entry, above) {
  const path = `${above}${entry.name}`;
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) return [{ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path }];
  const found = await Promise.all((await listed(entry.createReader())).map((one) => inside(one, `${path}/`)));
  return found.flat();
}

/** A reader gives a hundred entries at a time, and none when it has given all. */
async function listed(reader) {
  const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  return some.length === 0 ? [] : [...some, ...(await listed(reader))];
}

/** The same of a folder that was chosen instead of dropped. */
export function inFolder(files) {
  const found = [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  return found.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")));
}

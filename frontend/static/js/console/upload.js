// Sending files: XMLHttpRequest, because fetch does not tell how much was sent.

import { Problem } from "../api.js";

export function upload({ files, source, publish, onprogress }) {
  const body = new FormData();
  body.append("source", source);
  body.append("publish", String(publish));
  for (const { file, path } of files) body.append("files", file, path);
  const request = new XMLHttpRequest();
  request.open("POST", "/api/admin/uploads");
  request.responseType = "json";
  request.upload.addEventListener("progress", ({ loaded }) => onprogress(loaded));
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response);
      else reject(new Problem(request.status, request.response?.detail ?? "The upload was refused."));
    });
    request.addEventListener("error", () => reject(new Problem(0, "The connection broke during the upload. Nothing was kept; please try again.")));
    request.send(body);
  });
}

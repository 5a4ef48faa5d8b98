import torch
import torch.nn as nn
import torch.nn.functional as F


class BiLSTMAttention(nn.Module):
    def __init__(self, vocab_size=200, embed_dim=16, hidden_dim=12, n_classes=4, n_layers=2, pretrained=None):
        super().__init__()
        if pretrained is not None:
            self.embedding = nn.Embedding.from_pretrained(pretrained, freeze=False)
        else:
            self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.lstm = nn.LSTM(
            embed_dim, hidden_dim, num_layers=n_layers, bidirectional=True, batch_first=True, dropout=0.5
        )
        self.w = nn.Parameter(torch.zeros(hidden_dim * 2))
        self.fc1 = nn.Linear(hidden_dim * 2, 8)
        self.fc = nn.Linear(8, n_classes)

    def forward(self, x):
        emb = self.embedding(x)
        self.lstm.flatten_parameters()
        H, (h_n, c_n) = self.lstm(emb)
        M = torch.tanh(H)
        alpha = F.softmax(torch.matmul(M, self.w), dim=1).unsqueeze(-1)
        out = H * alpha
        out = torch.sum(out, 1)
        out = F.relu(out)
        out = self.fc1(out)
        out = self.fc(out)
        return out

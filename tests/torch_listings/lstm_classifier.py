import torch
import torch.nn as nn
import torch.nn.functional as F


class Sentiment(nn.Module):
    def __init__(self, vocab_size=1000, embed_dim=64, hidden_dim=32):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.lstm = nn.LSTM(embed_dim, hidden_dim, num_layers=2, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(hidden_dim * 2, 1)

    def forward(self, text):
        out, (h, c) = self.lstm(self.embedding(text))
        return torch.sigmoid(self.fc(self.dropout(out[:, -1, :])))
